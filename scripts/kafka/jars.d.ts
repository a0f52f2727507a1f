export function whatIsMissing(): string | undefined;
