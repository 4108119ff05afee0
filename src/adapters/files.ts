import { type Files, VendorTrouble } from "../ports.ts";

/** Files in an R2 bucket. Throws VendorTrouble when the bucket gives no answer; a missing file is null, not trouble. */
export function r2Files(bucket: R2Bucket): Files {
  return {
    async put(key, bytes, contentType) {
      await answer(bucket.put(key, bytes, { httpMetadata: { contentType } }));
    },
    async read(key) {
      const stored = await answer(bucket.get(key));
      if (!stored) return null;
      const bytes = new Uint8Array(await answer(stored.arrayBuffer()));
      return { bytes, contentType: stored.httpMetadata?.contentType ?? "application/octet-stream" };
    },
  };
}

async function answer<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new VendorTrouble("R2", cause);
  }
}
