import { expect, test } from "vitest";
import { portal } from "../setup.ts";
import { DOORS, methodOf } from "./doors.ts";
import { addPeople, knock, PEOPLE, samplesOf, signedIn } from "./people.ts";

// A text browser breaks lines at paragraphs, list items and cells, not at labels, and knows no style sheet.
const RUN_TOGETHER =
  /<\/(?:label|legend|small|button|select)>(?:<\/?fieldset[^>]*>)*<(?:label|legend|small|button|select|input(?! type="hidden"))|[^\s>]<(?:input(?! type="hidden")|select|small)/g;

test("what a form says and what is typed into it do not run together in a text browser", async () => {
  const t = await portal();
  await addPeople(t);
  const looked = new Set<string>();
  const run: string[] = [];
  for (const person of PEOPLE) {
    const browser = await signedIn(t, person);
    for (const [name, door] of Object.entries(DOORS)) {
      if (methodOf(name) !== "GET" || door.answers !== "page" || looked.has(name)) continue;
      const answer = await knock(browser, name, door, await samplesOf(t, "CR-10021"));
      if (answer.status !== 200) continue;
      looked.add(name);
      for (const { index } of answer.html.matchAll(RUN_TOGETHER))
        run.push(`${name}: ${answer.html.slice(Math.max(0, index - 90), index + 90)}`);
    }
  }
  expect(looked.size).toBeGreaterThan(40);
  expect(run).toEqual([]);
});

test("would be noticed if they did", () => {
  for (const html of ["<label>Day<select>", "</label><label>", "</legend><label>", "</label><fieldset><legend>"])
    expect(html).toMatch(RUN_TOGETHER);
  for (const html of ["<p><label>Day <select>", "</label></p><p><label>", "</label> <small>", '>x<input type="hidden"'])
    expect(html).not.toMatch(RUN_TOGETHER);
});
