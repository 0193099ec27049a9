import path from 'node:path';
import { testReadme } from '../../../tools/jest/readme.ts';

testReadme(path.join(__dirname, '../README.md'));
