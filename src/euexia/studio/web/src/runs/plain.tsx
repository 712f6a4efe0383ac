export function PlainScreen({ run }: { readonly run: string }) { return <h1>{run}</h1>; }
