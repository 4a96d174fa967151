internal import ArgumentParser

/// `omcops kube`: a cluster without kubectl.
struct KubeGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kube", abstract: "Look at a Kubernetes cluster and change it, without kubectl.",
    subcommands: [
      KubeGet.self, KubeWhoami.self, KubeRollout.self, KubeWait.self, KubeEvents.self,
      KubeScale.self, KubeSuspend.self, KubeResume.self, KubeApply.self, KubeExecCommand.self,
      KubeForward.self, KubeCopy.self, KubeJob.self,
      KubeDelete.self, KubeCordon.self, KubeUncordon.self, KubeDrain.self,
    ])
}
