/** The other end of `Child`: answers each question of the parent, and ends with it. */
export function answerQuestions(answer: (question: unknown) => Promise<unknown>): void {
  process.on('message', (message: { question?: unknown }) => {
    answer(message.question).then(
      (given) => process.send?.({ type: 'answer', answer: given }),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit(0));
}
