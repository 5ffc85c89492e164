"""The style of the page for looking: light and dark, wide and narrow, nothing from outside."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--ground:#f5f6f8;--card:#fff;--text:#1c2330;--quiet:#667085;
--line:#e3e7ee;--accent:#2f5bd0;--soft:#e9effd;--good:#18794e;--bad:#b42318;--chip:#f0f2f6}
@media (prefers-color-scheme:dark){:root{--ground:#10141b;--card:#181e28;--text:#e7ebf2;
--quiet:#97a3b6;--line:#2a3341;--accent:#8fb0ff;--soft:#1d2b4d;--good:#5fd39a;--bad:#ff8a80;
--chip:#232c3a}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4.5rem}
body{margin:0;background:var(--ground);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main,footer{max-width:82rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.75rem}
h1{margin:0;font-size:1.5rem;letter-spacing:-.01em}
header p{margin:.15rem 0 1rem;color:var(--quiet)}
nav{position:sticky;top:0;z-index:1;display:flex;gap:.25rem;margin:0 auto;max-width:82rem;
padding:.5rem 1.25rem;background:var(--ground);border-bottom:1px solid var(--line)}
nav a{padding:.35rem .8rem;border-radius:.5rem;color:var(--text);text-decoration:none}
nav a:hover,nav a:focus-visible{background:var(--soft);color:var(--accent)}
nav b{margin-left:.15rem;color:var(--quiet);font-weight:500}
nav form{margin-left:auto}
input{width:min(16rem,100%);padding:.35rem .7rem;border:1px solid var(--line);border-radius:.5rem;
background:var(--card);color:var(--text);font:inherit}
td a{color:inherit;text-decoration:underline;text-decoration-color:var(--line);
text-underline-offset:.2em}
td a:hover,td a:focus-visible{color:var(--accent)}
tr:target td{background:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;
margin:1.25rem 0}
.figures div{padding:.8rem 1rem;background:var(--card);border:1px solid var(--line);
border-radius:.7rem}
dt{color:var(--quiet);font-size:.85rem}
dd{margin:0;font-size:1.6rem;font-weight:600;line-height:1.25;font-variant-numeric:tabular-nums}
small{color:var(--quiet);font-size:.8rem;font-weight:400}
dd small{display:block;line-height:1.4}
h2{margin:2rem 0 .6rem;font-size:1.1rem}
table{width:100%;border-collapse:separate;border-spacing:0;background:var(--card);
border:1px solid var(--line);border-radius:.7rem;overflow:hidden}
th,td{padding:.6rem .8rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);
overflow-wrap:anywhere}
thead th{border-top:0;color:var(--quiet);font-size:.8rem;font-weight:600;white-space:nowrap}
tbody tr:first-child td{border-top:1px solid var(--line)}
tbody tr:hover td{background:var(--soft)}
td:first-child{min-width:16.5rem}
td:nth-child(n+3){min-width:6rem}
#users td:nth-child(4),#users td:nth-child(5){min-width:8rem}
td strong{font-weight:600}
td strong+small{display:block}
ul{display:flex;flex-wrap:wrap;gap:.25rem;margin:0;padding:0;list-style:none}
li{padding:0 .5rem;background:var(--chip);border-radius:.4rem;font-size:.88rem}
.type{white-space:nowrap;padding:.05rem .5rem;
border-radius:1rem;font-size:.82rem;background:var(--chip)}
.bot{background:var(--soft);color:var(--accent);font-weight:600}
.on,.off{white-space:nowrap}
.on::before,.off::before{content:"";display:inline-block;width:.55rem;height:.55rem;
margin-right:.4rem;border-radius:50%;background:var(--good)}
.off{color:var(--bad)}
.off::before{background:var(--bad)}
.note{color:var(--quiet)}
footer{padding-top:2rem;padding-bottom:2.5rem;color:var(--quiet);font-size:.85rem}
@media (max-width:76rem){
table,tr,td{display:block}
tbody{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:.7rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table{background:none;border:0;border-radius:0;overflow:visible}
tr{padding:.5rem 0;background:var(--card);border:1px solid var(--line);
border-radius:.7rem}
td,tbody tr:first-child td{display:grid;grid-template-columns:8rem minmax(0,1fr);
column-gap:.75rem;align-items:baseline;
padding:.25rem .9rem;border:0}
td::before{content:attr(data-column);color:var(--quiet);font-size:.85rem}
td strong+small{grid-column:2}
td:first-child,td:nth-child(n+3),#users td:nth-child(n+3){min-width:0}
.type{justify-self:start}
tbody tr:hover td{background:none}
tr:target{border-color:var(--accent)}
nav{flex-wrap:wrap}
h1{font-size:1.35rem}}
@media print{nav{position:static}}
"""
