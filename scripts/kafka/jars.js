import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const KAFKA_VERSION = '4.1.0';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const LEAST_JAVA = 17;

/** Something that this machine lacks or that went wrong, in one line. */
export class BrokerFailure extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit code where Java or Maven is missing: nothing is wrong with the project. */
export const MISSING = 69;

/** What is missing to run a broker, in a sentence; undefined where all is there. */
export function whatIsMissing() {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(\d+)/.exec(`${java.stderr}${java.stdout}`)?.[1] ?? 0);
  if (java.error !== undefined || version === 0)
    return `Java is missing: install a JDK or JRE of version ${LEAST_JAVA} or later, so that "java" is on the PATH`;
  if (version < LEAST_JAVA)
    return `Java is version ${version}, Kafka ${KAFKA_VERSION} needs ${LEAST_JAVA}: put a later one first on the PATH`;
  if (existsSync(jarFolder())) return undefined;
  if (spawnSync('mvn', ['--version']).error !== undefined)
    return 'Maven is missing: install it, so that "mvn" is on the PATH; it fetches Kafka from Maven Central';
  return undefined;
}

function jarFolder() {
  return join(
    fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url)),
    `kafka-${KAFKA_VERSION}`,
  );
}

/** Folder with the jars of Apache Kafka, fetched once by Maven. Throws BrokerFailure. */
export function kafkaJars() {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new BrokerFailure(missing, MISSING);
  const folder = jarFolder();
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  const fetched = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(join(fetched, 'pom.xml'), POM);
    const { status, stdout } = spawnSync('mvn', ['-q', '-B', COPY, `-DoutputDirectory=${fetched}`], {
      cwd: fetched,
      encoding: 'utf8',
    });
    if (status !== 0) {
      const reason = stdout.split('\n').find(line => line.startsWith('[ERROR]')) ?? `it ended with ${status}`;
      throw new BrokerFailure(`Maven could not fetch Kafka ${KAFKA_VERSION}: ${reason.slice(0, 300)}`);
    }
    try {
      // Whole or not at all, also when two fetch at once.
      renameSync(fetched, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
    return folder;
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>development</groupId>
  <artifactId>broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;
