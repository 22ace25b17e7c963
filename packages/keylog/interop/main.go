// Checks our checkpoints and proofs with Go's checksum-database code, and makes some for us to check.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go verify   < ours.json
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go generate > theirs.json
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const sizes = 300

type inclusion struct {
	Size, Index int64
	Root        tlog.Hash
	Proof       []tlog.Hash
}

type consistency struct {
	Old, New         int64
	OldRoot, NewRoot tlog.Hash
	Proof            []tlog.Hash
}

type vectors struct {
	Vkey        string
	Note        string
	Notes       []string
	Entries     [][]byte
	Inclusion   []inclusion
	Consistency []consistency
}

// tree is every hash of a log, by index of storage.
type tree []tlog.Hash

func (t tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = t[x]
	}
	return out, nil
}

func main() {
	if len(os.Args) != 2 {
		fail("verify or generate")
	}
	switch os.Args[1] {
	case "verify":
		verify()
	case "generate":
		generate()
	default:
		fail("verify or generate")
	}
}

func verify() {
	var v vectors
	check(json.NewDecoder(os.Stdin).Decode(&v))
	verifier, err := note.NewVerifier(v.Vkey)
	check(err)
	stored := store(v.Entries)
	for i, text := range v.Notes {
		opened, err := note.Open([]byte(text), note.VerifierList(verifier))
		check(err)
		head := strings.Split(opened.Text, "\n")
		root, err := tlog.ParseHash(head[2])
		check(err)
		if head[1] != fmt.Sprint(i) || (i > 0 && root != rootOf(stored, int64(i))) {
			fail("root of size %d differs", i)
		}
	}
	for _, p := range v.Inclusion {
		check(tlog.CheckRecord(tlog.RecordProof(p.Proof), p.Size, p.Root, p.Index, tlog.RecordHash(v.Entries[p.Index])))
	}
	for _, p := range v.Consistency {
		check(tlog.CheckTree(tlog.TreeProof(p.Proof), p.New, p.NewRoot, p.Old, p.OldRoot))
	}
	fmt.Printf("%d checkpoints, %d inclusion and %d consistency proofs verified by Go\n", len(v.Notes), len(v.Inclusion), len(v.Consistency))
}

func generate() {
	seed := sha256.Sum256([]byte("interop"))
	key := ed25519.NewKeyFromSeed(seed[:])
	vkey, err := note.NewEd25519VerifierKey("chat.example/kt/1", key.Public().(ed25519.PublicKey))
	check(err)
	hash := strings.Split(vkey, "+")[1]
	signer, err := note.NewSigner("PRIVATE+KEY+chat.example/kt/1+" + hash + "+" + encodeSeed(seed[:]))
	check(err)

	var v vectors
	v.Vkey = vkey
	for i := 0; i < sizes; i++ {
		v.Entries = append(v.Entries, []byte(fmt.Sprintf("entry %d", i)))
	}
	stored := store(v.Entries)
	for n := int64(1); n <= sizes; n++ {
		root := rootOf(stored, n)
		text := fmt.Sprintf("chat.example/kt/1\n%d\n%s\n", n, root)
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		check(err)
		v.Notes = append(v.Notes, string(signed))
		for _, i := range []int64{0, n / 3, n / 2, n - 1} {
			proof, err := tlog.ProveRecord(n, i, stored)
			check(err)
			v.Inclusion = append(v.Inclusion, inclusion{n, i, root, proof})
		}
		for _, old := range []int64{1, (n + 2) / 3, (n + 1) / 2, n} {
			proof, err := tlog.ProveTree(n, old, stored)
			check(err)
			v.Consistency = append(v.Consistency, consistency{old, n, rootOf(stored, old), root, proof})
		}
	}
	v.Note = v.Notes[sizes-1]
	check(json.NewEncoder(os.Stdout).Encode(v))
}

func store(entries [][]byte) tree {
	var stored tree
	for i, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(i), entry, stored)
		check(err)
		stored = append(stored, hashes...)
	}
	return stored
}

func rootOf(stored tree, n int64) tlog.Hash {
	root, err := tlog.TreeHash(n, stored)
	check(err)
	return root
}

// encodeSeed writes the private part of a note key: algorithm 1 and the seed.
func encodeSeed(seed []byte) string {
	encoded, err := json.Marshal(append([]byte{1}, seed...))
	check(err)
	return strings.Trim(string(encoded), `"`)
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
