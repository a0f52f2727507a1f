export interface Running {
  readonly port: number;
  readonly controllerPort: number;
  readonly pid: number;
}

export interface BrokerOptions {
  readonly folder: string;
  readonly port?: number;
  readonly properties?: Readonly<Record<string, string>>;
  readonly formatArguments?: readonly string[];
  readonly javaArguments?: readonly string[];
}

export function startBroker(options: BrokerOptions): Promise<Running>;
export function stopBroker(folder: string, signal?: 'SIGTERM' | 'SIGKILL'): Promise<boolean>;
export function runningBroker(folder: string): Running | undefined;
export function removeBroker(folder: string): void;
export function freePort(port?: number): Promise<number>;
