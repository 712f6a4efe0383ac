export function EvidenceScreen() { return <h1>evidence</h1>; }
