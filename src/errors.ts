/** Nothing here for this viewer: it does not exist, or it is somebody else's. The two look the same. */
export class NotFound extends Error {}
