// Vega-lite specifications as pictures.
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** A self-contained SVG document. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
