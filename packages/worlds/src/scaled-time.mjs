// Loaded before a function when local time runs faster than real time: its `Date` then agrees with its region's clock.
const speed = Number(process.env.WARDEN_TIME_SPEED);
const startedAt = Number(process.env.WARDEN_TIME_START);
const RealDate = Date;
const now = () => Math.round(startedAt + (RealDate.now() - startedAt) * speed);

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }
  static now() {
    return now();
  }
};
