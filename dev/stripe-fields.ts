import { badParameter } from "./stripe-failure.ts";

type FieldTree = { [name: string]: string | FieldTree };

/** `a[b][0]=x` as a tree; `a[]=x` counts up. */
function treeOf(encoded: string): FieldTree {
  const root: FieldTree = Object.create(null);
  for (const [key, value] of new URLSearchParams(encoded)) {
    let branch = root;
    const parts = key.match(/[^[\]]+|\[\]/g) ?? [];
    for (const [depth, part] of parts.entries()) {
      const name = part === "[]" ? String(Object.keys(branch).length) : part;
      if (depth === parts.length - 1) {
        branch[name] = value;
        break;
      }
      const known = branch[name];
      const next: FieldTree = typeof known === "object" ? known : Object.create(null);
      branch[name] = next;
      branch = next;
    }
  }
  return root;
}

/**
 * Form fields as Stripe reads them. Every reader throws a 400 for a value of the wrong kind, and `done` throws one for
 * any field that nobody asked for, as Stripe does.
 */
export class Fields {
  readonly #tree: FieldTree;
  readonly #at: string;
  readonly #seen = new Set<string>();
  readonly #children: Fields[] = [];

  private constructor(tree: FieldTree, at: string) {
    this.#tree = tree;
    this.#at = at;
  }

  static from(encoded: string): Fields {
    return new Fields(treeOf(encoded), "");
  }

  #name(name: string): string {
    return this.#at ? `${this.#at}[${name}]` : name;
  }

  #take(name: string): string | FieldTree | undefined {
    this.#seen.add(name);
    return this.#tree[name];
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    if (typeof value === "object") throw badParameter(this.#name(name), `Invalid string: ${this.#name(name)}`);
    return value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (!value) {
      throw badParameter(this.#name(name), `Missing required param: ${this.#name(name)}.`, "parameter_missing");
    }
    return value;
  }

  whole(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,15}$/.test(value)) {
      throw badParameter(this.#name(name), `Invalid integer: ${value}`, "parameter_invalid_integer");
    }
    return Number(value);
  }

  flag(name: string): boolean {
    return this.choice(name, ["true", "false"]) === "true";
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const known = allowed.find((one) => one === value);
    if (!known) {
      throw badParameter(this.#name(name), `Invalid ${this.#name(name)}: must be one of ${allowed.join(", ")}`);
    }
    return known;
  }

  list(name: string): string[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value === "string") throw badParameter(this.#name(name), "Invalid array");
    return Object.values(value).filter((one) => typeof one === "string");
  }

  child(name: string): Fields | undefined {
    const value = this.#take(name);
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") throw badParameter(this.#name(name), "Invalid object");
    const child = new Fields(value, this.#name(name));
    this.#children.push(child);
    return child;
  }

  children(name: string): Fields[] {
    const all = this.child(name);
    return all ? Object.keys(all.#tree).flatMap((key) => all.child(key) ?? []) : [];
  }

  /** `metadata[…]` laid over what was there; an empty value removes its key. */
  metadata(before: Record<string, string> = {}): Record<string, string> {
    const after = { ...before };
    const given = this.child("metadata");
    if (!given) return after;
    for (const key of Object.keys(given.#tree)) {
      const value = given.text(key) ?? "";
      if (key.length > 40 || value.length > 500) throw badParameter(`metadata[${key}]`, "Metadata is too long");
      if (value === "") delete after[key];
      else after[key] = value;
    }
    return after;
  }

  done(): void {
    for (const name of Object.keys(this.#tree)) {
      if (!this.#seen.has(name)) {
        throw badParameter(this.#name(name), `Received unknown parameter: ${this.#name(name)}`, "parameter_unknown");
      }
    }
    for (const child of this.#children) child.done();
  }
}
