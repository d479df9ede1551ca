/** `eu-west-1` is `euw1` in the ids of zones and in the host names of caches, `ap-southeast-2` is `apse2`. */
export function shortRegion(region: string): string {
  const [area = "", direction = "", number = ""] = region.split("-");
  const letters = direction.length > 5 ? direction.replace(/^(north|south)(east|west)$/, "$1-$2") : direction;
  const short = letters
    .split("-")
    .map((word) => word.charAt(0))
    .join("");
  return `${area}${short}${number}`;
}
