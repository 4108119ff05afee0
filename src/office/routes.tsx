import { Hono } from "hono";
import { OfficePage } from "../../views/office/worklist.tsx";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { look, page } from "../http.ts";
import { latestImports, openWork } from "./worklist.ts";

export const office = new Hono<Env>();

office.get("/", async (c) => {
  const { viewer, work, imports } = await loadForStaff(c, (staff, db) => ({
    work: openWork(db, staff),
    imports: latestImports(db, staff),
  }));
  return page(
    c,
    viewer,
    { title: "Office" },
    <OfficePage {...look(c)} timeZone={c.var.deps.dealer.timeZone} work={work} imports={imports} />,
  );
});
