/** Set when vt is compiled; run from its sources it has none. */
declare const VT_VERSION: string | undefined;

/** The version of this vt. */
export const version = typeof VT_VERSION === "string" ? VT_VERSION : "0.0.0-source";
