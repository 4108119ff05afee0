import type { Context as HonoContext } from "hono";
import type { Language } from "../views/text/language.ts";
import type { Bindings, Config } from "./config.ts";
import type { Deps } from "./dealer.ts";

/** What `attach` and its neighbours put on every request before a handler sees it. */
export type Env = {
  Bindings: Bindings;
  Variables: { requestId: string; language: Language; deps: Deps; config: Config };
};

export type Context = HonoContext<Env>;
