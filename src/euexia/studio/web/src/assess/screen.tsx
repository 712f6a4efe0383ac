export function AssessScreen() { return <h1>assess</h1>; }
