// Owns what commands have of the process: lines out, a file in, and a refusal in one sentence.

export type Terminal = {
  print(text: string): void;
  /** Progress and remarks, apart from what the command is for. */
  note(text: string): void;
  /** The text of a file; `-` is standard input. */
  read(file: string): Promise<string>;
  /** What the environment says under this name. */
  variable(name: string): string | undefined;
  wait(milliseconds: number): Promise<void>;
};

/** What was asked for cannot be done; the message says why. */
export class CommandError extends Error {
  override name = 'CommandError';
}
