@area:free @needs:hyp
Feature: Freeing a domain

  @rule:PKVM-FREE-01 @kind:patch
  Rule: Only a domain with exactly its own reference is freed

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs != 1)"

    Example: one that was never allocated
      Given the back end is scripted
      When the host frees domain 5, refused with EINVAL
      Then the back end has seen nothing

    Example: one of a leaf that is there
      Given the back end is scripted
      And the host allocates domain 6
      When the host frees domain 5, refused with EINVAL
      Then the back end has seen "allocIopt 0:6"

    @needs:domain-table
    Scenario Outline: one with <references> references
      Given the back end is scripted
      And the host allocates domain 5
      And domain 5 is given <references> references
      When the host frees domain 5, <answer>
      Then domain 5 has <left> references
      And the back end has seen "<calls>"

      Examples:
        | references  | answer              | left        | calls                       |
        | 0           | refused with EINVAL | 0           | allocIopt 0:5               |
        | 1           | accepted            | 0           | allocIopt 0:5, freeIopt 0:5 |
        | 2           | refused with EINVAL | 2           | allocIopt 0:5               |
        | 255         | refused with EINVAL | 255         | allocIopt 0:5               |
        | 256         | refused with EINVAL | 256         | allocIopt 0:5               |
        | 257         | refused with EINVAL | 257         | allocIopt 0:5               |
        | 65535       | refused with EINVAL | 65535       | allocIopt 0:5               |
        | 65536       | refused with EINVAL | 65536       | allocIopt 0:5               |
        | 65537       | refused with EINVAL | 65537       | allocIopt 0:5               |
        | 0x7fff_ffff | refused with EINVAL | 0x7fff_ffff | allocIopt 0:5               |
        | 0x8000_0000 | refused with EINVAL | 0x8000_0000 | allocIopt 0:5               |
        | 0x8000_0001 | refused with EINVAL | 0x8000_0001 | allocIopt 0:5               |
        | 0xffff_fffe | refused with EINVAL | 0xffff_fffe | allocIopt 0:5               |
        | 0xffff_ffff | refused with EINVAL | 0xffff_ffff | allocIopt 0:5               |

  @rule:PKVM-FREE-02 @rule:PKVM-FREE-08 @kind:patch
  Rule: A domain with an endpoint is kept, and the back end is not asked

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs != 1)"

    Example: its page table goes on translating
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      When the host frees domain 5, refused with EINVAL
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    Example: no call below
      Given the back end is scripted
      And the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      When the host frees domain 5, refused with EINVAL
      Then the back end has seen "allocIopt 0:5, attachDev 0:5 endpoint 0x1 root 0x1000"

  @rule:PKVM-FREE-03 @kind:patch
  Rule: A freed domain is gone: one call below, and a cleared descriptor

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "memset(domain, 0, sizeof(*domain));"

    Example: it cannot be freed or attached again
      Given the back end is scripted
      And the host allocates domain 5
      When the host frees domain 5
      Then freeing domain 5 is refused with EINVAL
      And attaching endpoint 1 to domain 5 is refused with EINVAL
      And the back end has seen "allocIopt 0:5, freeIopt 0:5"

    @needs:domain-table
    Example: its descriptor
      Given the host allocates domain 5
      When the host frees domain 5
      Then domain 5 has 0 references
      And the root of domain 5 is 0x0

  @rule:PKVM-FREE-04 @kind:patch
  Rule: The back end's refusal to free is the answer

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "ret = kvm_iommu_ops.free_iopt(&iopt);"

    Scenario Outline: <errno>
      Given the back end answers freeIopt with <errno>
      And the host allocates domain 5
      When the host frees domain 5, refused with <errno>
      Then the back end has seen "allocIopt 0:5, freeIopt 0:5"

      Examples:
        | errno  |
        | ENOMEM |
        | EBUSY  |
        | EIO    |
        | EINVAL |

  @rule:PKVM-FREE-05 @kind:patch @profile:pkvm-rfc
  Rule: As submitted, the descriptor is cleared even when the back end refused

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "memset(domain, 0, sizeof(*domain));"

    Example: the id is free, and the page table is lost
      Given the back end answers freeIopt with EBUSY
      And the host allocates domain 5
      When the host frees domain 5, refused with EBUSY
      Then allocating domain 5 is accepted
      And the back end has seen "allocIopt 0:5, freeIopt 0:5, allocIopt 0:5"

  @rule:PKVM-FREE-06 @kind:hardened
  Rule: When the back end refuses to free, the domain stays as it was

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "ret = kvm_iommu_ops.free_iopt(&iopt);"

    Scenario Outline: <errno>: allocated, with its root, and freed by a second call
      Given the back end answers freeIopt with <errno>
      And the host allocates domain 5
      When the host frees domain 5, refused with <errno>
      Then allocating domain 5 is refused with EINVAL
      And freeing domain 5 is accepted
      And the back end has seen "allocIopt 0:5, freeIopt 0:5, freeIopt 0:5"

      Examples:
        | errno  |
        | ENOMEM |
        | EBUSY  |
        | EIO    |
        | EINVAL |

    Example: the SMMU answers too late, wherever the driver waits
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And the host detaches endpoint 1 from domain 5
      Then freeing domain 5 leaves no trace, whichever wait times out

  @rule:PKVM-FREE-07 @kind:patch
  Rule: An unknown domain or IOMMU is refused without a call below

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (!domain) goto out_unlock;"

    Scenario Outline: <call>
      Given the back end is scripted
      And SMMU 0 has 300 domains
      When <call> is refused with EINVAL
      Then the back end has seen nothing

      Examples:
        | call                       |
        | freeing domain 299         |
        | freeing domain 300         |
        | freeing domain 0xffff_ffff |
        | freeing domain 0 on SMMU 1 |
