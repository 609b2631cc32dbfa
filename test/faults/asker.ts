/** Asks a stack a question of the UI once a second, in a process of its own: that of the senders is as busy as they are. Tells how long each answer took, in ms, when it is told to stop. */
const port = Number(process.argv[2]);
const answerMs: number[] = [];
let isStopped = false;
process.once("message", () => {
  isStopped = true;
});
while (!isStopped) {
  const started = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/api/services?from=now-15m`);
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the query failed with ${answer.status}`);
  answerMs.push(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
process.send?.(answerMs, () => process.exit(0));
