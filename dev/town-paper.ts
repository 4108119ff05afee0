import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = html`<style>
  :root { color-scheme: light dark; --ink: light-dark(#1d2733, #e6edf3); --quiet: light-dark(#5b6875, #9aa7b4);
    --paper: light-dark(#f4f6f8, #11161c); --card: light-dark(#fff, #1a222b); --line: light-dark(#d9e0e6, #313c48);
    --strong: light-dark(#0b5f6b, #6cc7d3); }
  * { box-sizing: border-box; }
  body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
  header { border-bottom: 1px solid var(--line); background: var(--card); padding: .6rem 1rem; }
  header a { margin-right: 1rem; }
  main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
  h1 { font-size: 1.6rem; margin: .8rem 0; } h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
  a { color: var(--strong); } small, time, dt, .doors span, .letters span { color: var(--quiet); font-size: .875rem; }
  section, .letters, pre, iframe { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
  section { padding: 1rem; margin: 1rem 0; }
  ul, ol { list-style: none; padding: 0; }
  .doors { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .75rem; }
  .doors a { display: grid; height: 100%; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: .5rem;
    background: var(--card); text-decoration: none; }
  .letters a { display: grid; grid-template-columns: 1fr auto; padding: .6rem 1rem; text-decoration: none; }
  .letters a time { grid-column: 2; grid-row: 1; } .letters li + li { border-top: 1px solid var(--line); }
  @media (max-width: 40rem) { .letters a { grid-template-columns: 1fr; } .letters a time { grid-column: 1; grid-row: auto; } }
  .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
  label { display: grid; font-size: .875rem; } .big { font-size: 1.4rem; margin: 0 0 .6rem; }
  input, select, button { font: inherit; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .35rem; }
  button { cursor: pointer; }
  .said { padding: .6rem 1rem; border-left: 4px solid var(--strong); background: var(--card); }
  .wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
  th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-top: 1px solid var(--line); vertical-align: top; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
  iframe { width: 100%; height: 34rem; color-scheme: light; background: #fff; }
  input, select { max-width: 100%; min-width: 0; } .row > *, .letters a > * { min-width: 0; overflow-wrap: anywhere; }
  pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  .talk { display: grid; gap: .5rem; } .talk p { margin: 0; } .talk li { padding: .5rem .8rem; border-radius: .8rem;
    max-width: 34rem; border: 1px solid var(--line); } .talk .mine { justify-self: end; background: var(--paper); }
</style>`;

/** One page of the town: its head, the way to the other pages, and what it says. */
export const paper = (title: string, content: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    ${STYLE}
  </head>
  <body>
    <header><nav aria-label="Town"><a href="/">The town</a><a href="/mail">Mailbox</a><a href="/telephone">Telephone</a><a href="/bank">Bank</a></nav></header>
    <main>${content}</main>
  </body>
</html>`;
