import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

/** Writes the part of pdfkit and fontkit that our documents use: a third of what both weigh. */

const root = resolve(import.meta.dirname, "..");
const FONTKIT_MODULE = /[\\/]fontkit[\\/]src[\\/](.+)\.js$/;
const ENGINE = join(root, "src/documents/engine.gen.js");

/** What `src/documents` has of them; its types are in `src/documents/engine.gen.d.ts`. */
const ENTRY = `
export { PDFDocument, registerStdFonts } from "pdfkit";
export { toBytes } from "pdfkit/output";
export { default as Helvetica } from "pdfkit/standard-fonts/Helvetica";
export { default as HelveticaBold } from "pdfkit/standard-fonts/HelveticaBold";
export { create } from "fontkit";
`;

const refusal = (part: string) => `throw new Error("${part}: left out of the PDF engine by dev/build-pdf-engine.ts")`;

/** A stretch of a file, from a line up to another one or that line alone, and what stands in its place. */
type Cut = { from: string; upTo?: string; instead?: string };

/**
 * What nobody names after these goes too. A method that is gone (`document.image`) is a TypeError for who calls it; what an
 * option asks for, or the rest of pdfkit might reach, refuses by name.
 */
const PDFKIT: Cut[] = [
  ...["Images", "Annotations", "Outline", "AcroForm", "Attachments", "Subset", "Table"].map((part) => ({
    from: `mixin(${part}Mixin);\n`,
  })),
  { from: "    this.initImages();\n    this.initOutline();\n" },
  {
    from: "    this.initTables();\n    this.initSubset(options);\n",
    instead: `if (options.subset) ${refusal("PDF/A")};`,
  },
  { from: "    this.endOutline();\n" },
  { from: "    this.endAcroForm();\n" },
  { from: "const ICC_PROFILE_PATH = ", upTo: "let iccProfile;\n" },
  { from: "var iccProfileBase64 = ", upTo: "export { LineWrapper, PDFDocument" },
  {
    // Encryption with its hashes and ciphers. A file's identifier needs one of them, which the runtime has.
    from: "function isBytes(a) {\n",
    upTo: "const {\n  number: number$2\n} = PDFObject;\n",
    instead: `const PDFSecurity = {
      generateFileID(info) {
        const said = Object.entries(info).map(([name, value]) => \`\${name}: \${value.valueOf()}\\n\`);
        return new Uint8Array(createHash("md5").update([info.CreationDate.getTime(), "\\n", ...said].join("")).digest());
      },
      create(document, options) {
        if (options.userPassword || options.ownerPassword) ${refusal("encryption")};
        return null;
      },
    };\n`,
  },
  {
    from: "const {\n  number: number$2\n} = PDFObject;\n",
    upTo: "var ColorMixin = {\n",
    instead: `class PDFGradient { constructor() { ${refusal("gradients and patterns")}; } }
    class PDFLinearGradient extends PDFGradient {}
    class PDFRadialGradient extends PDFGradient {}
    class PDFTilingPattern extends PDFGradient {}\n`,
  },
  {
    from: "var namedColors = {\n",
    upTo: "const {\n  number: number$1\n} = PDFObject;\n",
    instead: `const namedColors = new Proxy({}, { get() { ${refusal("colours by name")}; } });
    const SVGPath = { apply() { ${refusal("SVG paths")}; } };\n`,
  },
  {
    // `src/documents/paper.ts` breaks lines itself.
    from: "class LineWrapper extends EventEmitter {\n",
    upTo: "const {\n  number\n} = PDFObject;\n",
    instead: `class LineWrapper { constructor() { ${refusal("line breaking")}; } }\n`,
  },
  { from: "  boundsOfString(string, x, y, options) {\n", upTo: "  _initOptions(x = {}, y, options = {}) {\n" },
  { from: "const SIZES = {\n", upTo: "  LETTER: ", instead: "const SIZES = {\n" },
  {
    from: "import { zlibSync } from 'fflate';\nimport { cbc, ecb } from '@noble/ciphers/aes';\n",
    instead: 'import { createHash } from "node:crypto";\nimport { deflateSync as zlibSync } from "node:zlib";\n',
  },
  { from: "import LineBreaker from 'linebreak';\nimport PNG from 'png-js';\n" },
];

/** Modules of fontkit that a TrueType font of Latin, Greek and Cyrillic never reaches; whoever makes use of one is refused. */
const UNREACHED = [
  "aat/AATLayoutEngine",
  "glyph/CFFGlyph",
  "glyph/COLRGlyph",
  "glyph/GlyphVariationProcessor",
  "glyph/Path",
  "glyph/SBIXGlyph",
  "layout/KernProcessor",
  "layout/UnicodeLayoutEngine",
  "opentype/GSUBProcessor",
  "subset/CFFSubset",
];

/** What modules of fontkit have that pdfkit does not ask for: outlines, names, variations, and what a font could do. */
const END = "\n}\n";
const FONTKIT: Record<string, Cut[]> = {
  CmapProcessor: [{ from: "  @cache\n  codePointsForGlyph(", upTo: END }],
  TTFFont: [{ from: "  @cache\n  get variationAxes() {\n", upTo: "  @cache\n  get _variationProcessor() {\n" }],
  "glyph/Glyph": [{ from: "  get ligatureCaretPositions() {}\n", upTo: END }],
  "glyph/TTFGlyph": [
    { from: "  // Decodes font data, resolves composite", upTo: "  _getMetrics() {\n" },
    { from: "  // Converts contours to a Path", upTo: END },
  ],
  "layout/GlyphRun": [{ from: "  get bbox() {\n", upTo: END }],
  "layout/LayoutEngine": [{ from: "  getAvailableFeatures(", upTo: END }],
};

/** Tables of a font that are read, and scripts that it may have rules for; `create` refuses one that has others. */
const SCRIPTS = ["DFLT", "cyrl", "grek", "latn"];
const TABLES = ["cmap", "GDEF", "glyf", "GPOS", "head", "hhea", "hmtx", "loca", "maxp", "name", "OS2", "post"];

/** Modules of fontkit that others stand in for. */
const INSTEAD: Record<string, string> = {
  ...Object.fromEntries(
    UNREACHED.map((name) => [name, `export default class { constructor() { ${refusal(name)}; } }`]),
  ),
  "tables/index": `${TABLES.map((table) => `import ${table} from "./${table}.js";`).join("\n")}
    export default { ${TABLES.map((table) => (table === "OS2" ? '"OS/2": OS2' : table)).join(", ")} };`,
  // Latin, Greek and Cyrillic are set in the same way.
  "layout/Script": `
    export const forString = () => "latn";
    export const forCodePoints = forString;
    export const direction = () => "ltr";`,
  "opentype/shapers/index": `
    import DefaultShaper from "./DefaultShaper.js";
    export const choose = () => DefaultShaper;`,
  // Ours are named in UTF-16 and English, and have a character map in Unicode.
  encodings: `
    export const LANGUAGES = { 3: { 0x409: "en" } };
    export const getEncoding = (platform) => { if (platform === 3) return "utf16be"; ${refusal("font encodings")}; };
    export const getEncodingMapping = () => { ${refusal("font encodings")}; };
    export const encodingExists = getEncodingMapping;`,
  // For glyphs that varied.
  "glyph/TTFGlyphEncoder": `export default class { encodeSimple() { ${refusal("glyph encoding")}; } }`,
  index: `
    import { DecodeStream } from "restructure";
    import TTFFont from "./TTFFont.js";
    import tables from "./tables/index.js";
    const UNREAD = ["gasp", "GSUB"];
    export function create(bytes) {
      const font = new TTFFont(new DecodeStream(bytes));
      for (const tag in font.directory.tables) if (!(tag in tables) && !UNREAD.includes(tag)) ${refusal("font table")};
      for (const { tag } of font.GPOS.scriptList) if (!${JSON.stringify(SCRIPTS)}.includes(tag)) ${refusal("script")};
      return font;
    }`,
};

/** Packages in whose place the runtime itself stands: it copies, and knows Unicode. */
const RUNTIME: Record<string, string> = {
  clone: "export default structuredClone;",
  "unicode-properties": `
    export const isDigit = (letter) => /\\p{Nd}/u.test(String.fromCodePoint(letter));
    export const isMark = (letter) => /\\p{M}/u.test(String.fromCodePoint(letter));`,
};

/** The text with each stretch cut out. Throws when one is not there, or its first line more than once. */
export function cutOut(text: string, cuts: readonly Cut[]): string {
  return cuts.reduce((rest, { from, upTo, instead = "" }) => {
    const start = rest.indexOf(from);
    const end = upTo ? rest.indexOf(upTo, start) : start + from.length;
    if (start < 0 || end < 0 || rest.includes(from, start + 1)) {
      throw new Error(`a package has changed: what begins with ${JSON.stringify(from)} cannot be cut out any more`);
    }
    return rest.slice(0, start) + instead + rest.slice(end);
  }, text);
}

const parts: Plugin = {
  name: "parts",
  setup(building) {
    const met = new Set<string>();
    building.onResolve({ filter: /^fontkit$/ }, () => ({ path: join(root, "node_modules/fontkit/src/index.js") }));
    building.onResolve({ filter: /^(clone|unicode-properties)$/ }, ({ path }) => ({ path, namespace: "runtime" }));
    building.onLoad({ filter: /./, namespace: "runtime" }, ({ path }) => ({ contents: RUNTIME[path] }));
    building.onLoad({ filter: /[\\/]pdfkit\.browser\.mjs$/ }, ({ path }) => ({
      contents: cutOut(readFileSync(path, "utf8"), PDFKIT),
    }));
    building.onLoad({ filter: FONTKIT_MODULE }, ({ path }) => {
      const name = FONTKIT_MODULE.exec(path)![1]!.replaceAll("\\", "/");
      met.add(name);
      // fontkit's decorators are TypeScript's old ones.
      return { contents: INSTEAD[name] ?? cutOut(readFileSync(path, "utf8"), FONTKIT[name] ?? []), loader: "ts" };
    });
    building.onEnd(() => {
      const unknown = Object.keys({ ...INSTEAD, ...FONTKIT }).filter((name) => !met.has(name));
      if (unknown.length > 0) throw new Error(`fontkit has changed: nothing asks for ${unknown.join(", ")}`);
    });
  },
};

/**
 * Writes `src/documents/engine.gen.js`, unless it stands there already. Throws when pdfkit or fontkit are no longer as this
 * file knows them.
 */
export async function buildPdfEngine(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: ENTRY, resolveDir: root },
    plugins: [parts],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*"],
    banner: { js: "// Written by dev/build-pdf-engine.ts from pdfkit and fontkit; not kept in git." },
    write: false,
  });
  const engine = outputFiles[0]!.text;
  if (!existsSync(ENGINE) || readFileSync(ENGINE, "utf8") !== engine) writeFileSync(ENGINE, engine);
}

if (import.meta.main) await buildPdfEngine();
