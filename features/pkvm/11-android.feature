@area:android @needs:hyp
Feature: Rules of Android's kernels beyond the patch

  @rule:PKVM-ACK-01 @kind:observed
  Rule: A reserved identity domain exists

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "All devices owned by the host kernel could be attached"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-02 @kind:observed
  Rule: Free claims the last reference by compare and exchange

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs != 1)"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-03 @kind:observed
  Rule: Every operation holds a reference of its domain

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs++;"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-04 @kind:observed
  Rule: The host uses only the lower half of the ids

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "max number of domains (exclusive)"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-05 @kind:observed
  Rule: A domain of a virtual machine is refused to others

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "The IOMMU domain abstraction allows to share"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-06 @kind:observed
  Rule: The SMMUv3 back end tells its refusals to attach apart

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int (*attach_dev)(struct kvm_hyp_iommu *iommu, pkvm_handle_t domain_id,"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-07 @kind:observed
  Rule: A stream table entry becomes valid after its other words

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "initializes the device table that holds the PGD"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-08 @kind:observed
  Rule: The SMMUv3 back end tells its refusals to detach apart

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int (*detach_dev)(struct kvm_hyp_iommu *iommu, pkvm_handle_t domain_id,"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-09 @kind:observed
  Rule: The last user of a domain on an SMMU invalidates its tag

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "struct kvm_iommu_tlb_cookie {"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-10 @kind:observed
  Rule: map tells its refusals apart and masks a missing page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "prepares the page tables"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-11 @kind:observed
  Rule: unmap answers 0 on any error and invalidates before a page is used again

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "prepares the page tables"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-12 @kind:observed
  Rule: A page that is mapped for DMA cannot be donated

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "All devices owned by the host kernel could be attached"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet

  @rule:PKVM-ACK-13 @kind:observed
  Rule: An SMMU that cannot abort unattached streams is refused

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "the device table that holds the PGD"

    Excluded: belongs to the later "domains v2" profile of Android's kernels, which no driver of this suite claims yet
