export { approvalNotification } from "./approval.ts";
export * from "./incident.ts";
export { type Notification, notificationOf, type Whose } from "./notification.ts";
export { type PeakNotice, peakNotification, peakText, type Shortfall } from "./peak-notice.ts";
export { describe, saidBy } from "./words.ts";
