export { type Image, imageOf } from "./prepare.ts";
export { type Recipe, recipeOf, type Surroundings } from "./recipe.ts";
export { shellWord } from "./shell.ts";
export { type Belongs, nodeConf, userData } from "./user-data.ts";
