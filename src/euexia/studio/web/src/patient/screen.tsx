export function PatientScreen() { return <h1>patient</h1>; }
