/** A file that is embedded as it is: where it can be read from. */
declare module "*.so" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: Bun gives embedded files as default exports.
  export default path;
}

declare module "*.cjs" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: Bun gives embedded files as default exports.
  export default path;
}
