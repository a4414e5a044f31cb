using Edge.Host.Commands;

#if IOT_BINDINGS
Edge.Hardware.Bindings.IotBindings.Register();
#endif
return await CommandLine.RunAsync(args, Shell.OfProcess()).ConfigureAwait(false);
