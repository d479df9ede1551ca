/** HAProxy's administration socket (management guide, 9.3 "Unix Socket commands"). */
import { connect } from "node:net";

/** Commands that went well say nothing, or what they changed. */
const fine = /^($|no need to change the addr|IP changed from)/;

/** One command has a connection of its own, which HAProxy closes behind its answer. */
export function command(socket: string, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const connection = connect(socket, () => connection.write(`${words}\n`));
    connection.on("data", (chunk: Buffer) => (answer += String(chunk)));
    connection.on("error", reject);
    connection.on("close", () => {
      if (answer.endsWith("\n") && fine.test(answer.trim())) resolve();
      else reject(new Error(`HAProxy does not do "${words}": ${answer.trim() || "it hung up"}`));
    });
  });
}
