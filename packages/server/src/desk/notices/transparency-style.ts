// The style of `/transparency`, served as a file of its own so that the page needs no inline style.

/** The product's colours, light and dark by the reader's choice; paper is always white. */
export const transparencyStyle = `:root{color-scheme:light dark;--text:light-dark(#172128,#e4ebee);--secondary:light-dark(#4e5a62,#a0abb1);--line:light-dark(#d3dbe0,#2c363c);--edge:light-dark(#788288,#6f7d85);--bar:light-dark(#cceeef,#124048);--accent:light-dark(#006871,#64cacf);--caution:light-dark(#6c4302,#f2cc7a);--caution-fill:light-dark(#ffeecb,#3b2b0d);--surface:light-dark(#fff,#161d21)}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto 4rem;padding:0 1rem;color:var(--text);background:light-dark(#f7fbfc,#0e1417)}
h1,h2{line-height:1.25;text-wrap:balance;overflow-wrap:anywhere}h2{margin-top:2.25rem;font-size:1.3rem}a{color:var(--accent)}p,li{text-wrap:pretty}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td,th{border-bottom:1px solid var(--line);padding:.4rem .6rem .4rem 0;text-align:start;vertical-align:top}th{font-weight:600;color:var(--secondary)}
.card{border:1px solid var(--line);border-radius:14px;background:var(--surface);padding:.25rem 1.25rem}.card.past{border:2px solid var(--caution);background:var(--caution-fill)}.past strong{color:var(--caution)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem}dt{color:var(--secondary)}dd{margin:0;overflow-wrap:anywhere}.past dt{color:inherit}
.bars{margin:0;padding:0;list-style:none}.bars li{display:grid;grid-template-columns:12rem 2.5rem 1fr;gap:.75rem;align-items:center;min-height:2rem;font-variant-numeric:tabular-nums}.bars span,.bars b{text-align:end;overflow-wrap:anywhere}
.bars svg{width:100%;height:1.1rem;overflow:visible}.bars rect{fill:var(--bar);stroke:var(--edge);stroke-width:1.5;vector-effect:non-scaling-stroke}
code{overflow-wrap:anywhere;font-size:.9em}.quiet{color:var(--secondary)}
@media (max-width:560px){.bars li{grid-template-columns:2.5rem 1fr;gap:.1rem .75rem;margin-bottom:.6rem}.bars span{grid-column:1/-1;text-align:start}.bars b{text-align:start}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}table,tbody,tr,td{display:block}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}tr{border-bottom:1px solid var(--line);padding:.6rem 0}td{display:grid;grid-template-columns:7rem 1fr;gap:.75rem;border:0;padding:.1rem 0}td::before{content:attr(data-name);color:var(--secondary)}}
@media print{:root{color-scheme:light}body{margin:0;max-width:none;background:#fff;font-size:11pt}.card,.bars,tr{break-inside:avoid}h2{break-after:avoid}.card.past{background:none}table{font-size:9.5pt}}
`
