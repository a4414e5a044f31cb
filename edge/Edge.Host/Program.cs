using Edge.Host.Commands;

return await CommandLine.RunAsync(args, Shell.OfProcess()).ConfigureAwait(false);
