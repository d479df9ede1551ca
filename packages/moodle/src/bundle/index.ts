export { type Bundle, type BundleFile, bundleOf, type Manifest } from "./bundle.ts";
