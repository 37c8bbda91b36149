@area:alloc @needs:hyp
Feature: Allocating a domain

  @rule:PKVM-ALLOC-01 @kind:patch
  Rule: An allocated domain has one reference and an empty page table

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs = 1;"

    Example: it can be attached, and freed
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      When the host attaches endpoint 1 to domain 5
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    Example: nothing of what the host left in the page is mapped
      Given the host allocates domain 5
      When the host attaches endpoint 1 to domain 5
      Then d1 reading 0x1000 faults

    Example: freed at once
      Given the host allocates domain 5
      When the host frees domain 5
      Then allocating domain 5 is accepted

  @rule:PKVM-ALLOC-02 @rule:PKVM-ALLOC-06 @kind:patch
  Rule: A domain in use is not allocated again, and the back end is not asked

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs)"

    Example: the second allocation
      Given the back end is scripted
      And the host allocates domain 5
      When the host allocates domain 5, refused with EINVAL
      Then the back end has seen "allocIopt 0:5"

    Example: its page table stays
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      When the host allocates domain 5, refused with EINVAL
      Then d1 reading 0x1000 reaches PA 0x8000_0000

  @rule:PKVM-ALLOC-03 @kind:patch
  Rule: The back end's refusal is the answer, and the id is free afterwards

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "ret = kvm_iommu_ops.alloc_iopt(&iopt, pgd_hva);"

    Scenario Outline: <errno>
      Given the back end answers allocIopt with <errno>
      When the host allocates domain 5, refused with <errno>
      Then attaching endpoint 1 to domain 5 is refused with EINVAL
      And allocating domain 5 is accepted

      Examples:
        | errno  |
        | ENOMEM |
        | EBUSY  |
        | EIO    |
        | EINVAL |

  @rule:PKVM-ALLOC-04 @kind:patch
  Rule: The root that counts is the one that the back end answered

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->pgd = iopt.pgd;"

    Example: another than the host passed
      Given the back end answers allocIopt with the root 0x1234_5000
      And the host allocates domain 5
      When the host attaches endpoint 1 to domain 5
      Then the back end has seen "allocIopt 0:5, attachDev 0:5 endpoint 0x1 root 0x1234_5000"

  @rule:PKVM-ALLOC-05 @kind:patch
  Rule: A failed allocation records no root

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (ret) goto out_unlock;"

    Example: the next allocation begins with its own
      Given the back end answers allocIopt with ENOMEM
      And the back end answers allocIopt with the root 0x1234_5000
      And the host allocates domain 5, refused with ENOMEM
      When the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      Then the back end has seen "allocIopt 0:5, allocIopt 0:5, attachDev 0:5 endpoint 0x1 root 0x1234_5000"

    @needs:domain-table
    Example: the descriptor is empty afterwards
      Given the back end answers allocIopt with ENOMEM
      When the host allocates domain 5, refused with ENOMEM
      Then domain 5 has 0 references
      And the root of domain 5 is 0x0

  @rule:PKVM-ALLOC-07 @kind:patch
  Rule: What is invalidated for a domain carries that IOMMU and that domain

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "struct kvm_iommu_tlb_cookie"

    Example: an unmap reaches the caches of its own domain
      Given the host allocates domain 5
      And the host allocates domain 6
      And the host attaches endpoint 1 to domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And d1 reads 0x1000
      When the host unmaps 4 KiB at 0x1000 in domain 5
      Then d1 reading 0x1000 faults

    Example: and of its own IOMMU
      Given there are 2 SMMUs
      And d2 is endpoint 2 behind SMMU 1
      And the host allocates domain 5 on SMMU 1
      And the host attaches endpoint 2 to domain 5 on SMMU 1
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write on SMMU 1
      And d2 reads 0x1000
      When the host unmaps 4 KiB at 0x1000 in domain 5 on SMMU 1
      Then d2 reading 0x1000 faults

  @rule:PKVM-ALLOC-08 @kind:patch
  Rule: An id that was freed is allocated like a new one

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "memset(domain, 0, sizeof(*domain));"

    Example: twice round
      Given the host allocates domain 5
      When the host frees domain 5
      And the host allocates domain 5
      And the host frees domain 5
      Then allocating domain 5 is accepted

    Scenario Outline: nothing of the first life of <id> is left
      Given the host allocates domain <id>
      And the host maps 4 KiB at 0x1000 in domain <id> to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain <id>
      And d1 reads 0x1000
      And the host detaches endpoint 1 from domain <id>
      And the host unmaps 4 KiB at 0x1000 in domain <id>
      And the host frees domain <id>
      And the host allocates domain <id>
      When the host attaches endpoint 1 to domain <id>
      Then d1 reading 0x1000 faults

      Examples:
        | id  |
        | 5   |
        | 261 |

  @rule:PKVM-ALLOC-09 @kind:open
  Rule: One page does not become the root of two domains

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "The alloc() operation initializes the domain"

    Example: the host passes the root of another domain
      Given the host allocates domain 5
      When the host allocates domain 6 with the root of domain 5, refused
      Then allocating domain 6 is accepted
