// The floor of every program that Bun compiles: it starts and ends.
export {};
