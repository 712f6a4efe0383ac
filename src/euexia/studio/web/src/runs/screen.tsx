export function RunsScreen() { return <h1>runs</h1>; }
