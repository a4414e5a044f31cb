using Edge.Hardware.VmProbe;

// Runs inside scripts/vm-test's virtual machine: Edge.Hardware.VmProbe GPIOCHIP SIMFOLDER. Prints a line a check, then 'N passed, N failed'.
if (args.Length != 2) { Console.Error.WriteLine("usage: Edge.Hardware.VmProbe GPIOCHIP SIMFOLDER"); return 2; }
var checks = new Checks();
await GpioChecks.RunAsync(checks, args[0], args[1]).ConfigureAwait(false);
await I2cChecks.RunAsync(checks).ConfigureAwait(false);
PermissionChecks.Run(checks, args[0]); // last: gives up root
Console.WriteLine($"PROBE {checks.Passed} passed, {checks.Failed} failed");
return checks.Failed == 0 ? 0 : 1;
