/** What must hold of everything that is deployed. A graph takes long to make, so one file makes them and asks them all. */
import { adoption } from "./about/adoption.ts";
import { bill } from "./about/bill.ts";
import { documents } from "./about/documents.ts";
import { fleet } from "./about/fleet.ts";
import { keeping } from "./about/keeping.ts";
import { lanes } from "./about/lanes.ts";
import { names } from "./about/names.ts";
import { privacy } from "./about/privacy.ts";
import { roles } from "./about/roles.ts";
import { sites } from "./about/sites.ts";
import { watching } from "./about/watching.ts";
import { graphs } from "./stages.ts";

const graph = graphs();

lanes(graph);
roles(graph);
fleet(graph);
documents(graph);
privacy(graph);
keeping(graph);
watching(graph);
names(graph);
bill(graph);
sites();
adoption();
