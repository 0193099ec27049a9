import { testReadme } from '../../../tools/jest/readme.ts';

testReadme(`${__dirname}/../README.md`);
