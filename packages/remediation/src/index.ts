export * from "./incident.ts";
export { type Notification, notificationOf, type Whose } from "./notification.ts";
export { describe, saidBy } from "./words.ts";
