using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Capstan.Micro;

// In this process, and short: what is read off is the allocation and the ratio to the last run, not the last percent of time.
var job = Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance);
var config = DefaultConfig.Instance.AddJob(job).WithArtifactsPath(Path.Combine(Path.GetTempPath(), "capstan-micro"));
BenchmarkSwitcher.FromTypes([typeof(Formats), typeof(Engine)]).Run(args.Length > 0 ? args : ["--filter", "*"], config);
