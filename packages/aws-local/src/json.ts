/** Whether a text is JSON, for the parameters that AWS wants to be JSON and keeps as text. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
