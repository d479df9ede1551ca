export { aMonthLike, byService, type CostLine, line, scaled, sumOf } from "./bill.ts";
export {
  datesOf,
  hoursAMonth,
  instancesOf2015,
  type Price,
  type PriceBook,
  type PricedRegion,
  priceBook,
  pricedInstanceTypes,
  staleness,
  stalePrices,
} from "./prices.ts";
export { type DeployedResource, type SiteCost, siteCost } from "./site.ts";
