export type EngineInfo = any;
export async function startEngine(o: any): Promise<any> {
  require('@tensorflow/tfjs-node-gpu');
  return { threads: o.threads };
}
