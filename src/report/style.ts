/** The style of every page that shows inspection: calm, in light and dark, for screens, keyboards and paper. */
export const STYLE = `:root{color-scheme:light dark;--ink:#1d2126;--soft:#5b6470;--line:#dde1e6;--page:#fff;--pane:#f6f7f9;--mark:#fff3c9;--add:#e3f5e6;--del:#fbe6e4;
--clean:#1c7a3e;--suspicious:#9a5b00;--malicious:#b3261e;--unknown:#6f3fa8;--focus:#1a66d6}
@media(prefers-color-scheme:dark){:root{--ink:#e3e6ea;--soft:#9aa4b0;--line:#343a42;--page:#16191d;--pane:#1e2227;--mark:#453a12;--add:#16351f;--del:#40201f;
--clean:#63c788;--suspicious:#e5ab52;--malicious:#f2857d;--unknown:#b99be8;--focus:#7ab0ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:78rem;padding:1.5rem 1.25rem 5rem;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
h1,h2,h3,h4{line-height:1.25;overflow-wrap:anywhere}h1{font-size:1.5rem;margin:.5rem 0 .25rem}h2{font-size:1.15rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .5rem}h4{font-size:.95rem;margin:1rem 0 .35rem}h3 code,h4 code{font-size:.95rem}h4 .soft{font-weight:400}
p{margin:.4rem 0}a{color:inherit}a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
code,pre,.code{font:13px/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}code{overflow-wrap:anywhere}
.soft{color:var(--soft)}.small{font-size:.875rem}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--page);padding:.4rem .8rem}
.word{font-weight:650}.clean{color:var(--clean)}.suspicious{color:var(--suspicious)}.malicious{color:var(--malicious)}.unknown{color:var(--unknown)}
.lead{font-size:1.1rem}.lead .word{text-transform:capitalize}
.unseen{font-style:normal;background:var(--malicious);color:var(--page);border-radius:2px;padding:0 1px}
.chip{display:inline-block;font-size:.75rem;line-height:1.3;padding:.05rem .4rem;border:1px solid var(--line);border-radius:99px;color:var(--soft);white-space:nowrap;vertical-align:.08em}
.chip.critical,.chip.high{color:var(--malicious);border-color:currentColor}.chip.medium{color:var(--suspicious);border-color:currentColor}
.chip.install,.chip.start{color:var(--suspicious);border-color:currentColor}
table{border-collapse:collapse;width:100%;font-size:.925rem}th{font-weight:600;color:var(--soft)}th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th.number{width:6rem}tr.sum td,tr.sum th{border-bottom:0;border-top:2px solid var(--line);font-weight:650;color:inherit}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem 1.25rem;margin:.5rem 0}dt{color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}
ul,ol{margin:.25rem 0;padding-left:1.25rem}ul.plain{list-style:none;padding-left:0;margin:0}
.finding{margin:.5rem 0;padding-left:.9rem;border-left:3px solid var(--line)}.finding.brought{border-left-color:var(--malicious)}.finding p{overflow-wrap:anywhere}
.code{margin:.5rem 0;border:1px solid var(--line);border-radius:6px;background:var(--pane);overflow-x:auto;tab-size:4;padding:.35rem 0}
.code .l{display:grid;grid-template-columns:5.5rem minmax(0,1fr);padding-right:.75rem}.code .l>span{color:var(--soft);text-align:right;padding-right:1rem;user-select:none}
.code .l>code{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;direction:ltr;unicode-bidi:bidi-override}
.hit{background:var(--mark)}.added{background:var(--add)}.removed{background:var(--del)}.gap{color:var(--soft);padding-left:6rem}
.layer{margin:.35rem .75rem .5rem 5.5rem;border-left:3px solid var(--unknown);padding-left:.75rem}.layer>p{font:600 .8125rem/1.5 system-ui,sans-serif;margin:.25rem 0}.layer .code{background:var(--page)}.layer .layer{margin-left:2rem}
.tree,.tree ul{list-style:none;padding-left:1.1rem}.tree{padding-left:0;font-size:.9rem}.tree li{padding:.08rem 0}.tree summary{cursor:pointer}.tree .row{display:grid;grid-template-columns:minmax(0,1fr) 5rem 6.5rem 5rem;gap:.75rem;align-items:baseline}
.tree .row:hover{background:var(--pane)}.tree .row>code{overflow-wrap:anywhere}.tree .marked>code{font-weight:650;color:var(--malicious)}
summary{cursor:pointer}details>summary.small{color:var(--soft)}
nav ol{columns:22rem;font-size:.925rem}footer{margin-top:3rem;color:var(--soft);font-size:.875rem}article+article{margin-top:4rem;border-top:4px double var(--line)}
@media(max-width:44rem){.tree .row{grid-template-columns:minmax(0,1fr) 4.5rem}.tree .row>:nth-child(n+3){display:none}.code .l{grid-template-columns:3rem minmax(0,1fr)}.layer{margin-left:1rem}dl{grid-template-columns:1fr}}
@media print{:root{--ink:#000;--page:#fff;--pane:#fff;--soft:#444;--line:#bbb;--mark:#eee;--add:#eee;--del:#ddd}body{max-width:none;padding:0;font-size:11pt}.skip,nav{display:none}.code{overflow:visible}h2,h3,h4{break-after:avoid}.finding,.l{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}article+article{break-before:page}}`;
