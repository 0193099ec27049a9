// The script of the report's pages. Without it the page still holds all text, tables and plots; with it they answer.
import { startCharts } from './charts.ts';
import { startExplorer } from './explorer.ts';
import { startFilter, startTables } from './tables.ts';

document.documentElement.classList.add('js');
startTables();
startFilter();
startCharts();
startExplorer();
