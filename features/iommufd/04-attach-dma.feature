@area:dma @needs:iommufd
Feature: What devices reach while they are attached, move and are mapped for

  @rule:IFD-CORE-01 @kind:observed @profile:iommufd
  Rule: On the way from one HWPT to another a device reaches what the old one maps, what the new one maps, or nothing

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "DMA must only be able to access either new_domain or group->domain"

    Example: from one IOAS to another, and back
      Given an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user maps 4 KiB of P1 + 0x1000 in I2 at 0x1_0000
      And the user attaches D1 to I1
      When the user moves D1 to I2
      Then d1 writing 0x1_0008 reaches P1 + 0x1008 of the user
      And the user moves D1 to I1

  @rule:IFD-CORE-02 @kind:observed @profile:iommufd
  Rule: A group whose devices cannot all change is as before

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "group's domain will be set back to the existing domain"

    Example: the attach of three devices
      Given an IOAS I1
      And d2 is in the group of d1
      And d3 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user binds d3 as D3
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      Then attaching D1 to I1 leaves no trace, whichever allocation fails

    Example: the move of three devices
      Given an IOAS I1
      And an IOAS I2
      And d2 is in the group of d1
      And d3 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And the user binds d3 as D3
      And the user attaches D1 to I1
      And a HWPT H2 of I2 for D1
      Then moving D1 to H2 leaves no trace, whichever allocation fails

    Example: and goes on
      Given an IOAS I1
      And d2 is in the group of d1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1
      And the user attaches D1 to H1
      And a HWPT H2 of I1 for D1
      And the next allocation fails
      When the user moves D1 to H2, refused with ENOMEM
      Then the user moves D1 to H2

  @rule:IFD-CORE-04 @kind:observed @profile:iommufd
  Rule: The kernel's own attach of one device is refused for a group of several, and over a domain of another user

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "Note that EINVAL can be treated as a soft failure"
    Excluded: drivers of the kernel call it, and no ioctl does

  @rule:IFD-CORE-05 @kind:uapi @profile:iommufd
  Rule: A device that is detached is blocked, and reaches no memory as it is

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "The device returns back to a blocked DMA translation"

    Example: by its user
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user attaches D1 to I1
      And d1 reads 0x1_0000
      When the user detaches D1
      Then d1 reading 0x1_0000 faults

    Example: when it is unbound
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And the user attaches D1 to I1
      And d1 reads 0x1_0000
      When the user unbinds D1
      Then d1 reading 0x1_0000 faults

  @rule:IFD-CORE-06 @kind:observed @profile:iommufd
  Rule: A mapping that fails half way is taken back, and the error is told

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "unroll mapping in case something went wrong"

    Example: over the end of a table
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user attaches D1 to I1
      Then mapping 8 KiB of P1 in I1 at 0x1f_f000 leaves no trace, whichever allocation fails

    Example: page for page
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user calls IOMMU_OPTION:
        | option_id | HUGE_PAGES |
        | op        | SET        |
        | object_id | I1         |
        | val64     | 0          |
      And the user attaches D1 to I1
      Then mapping 8 KiB of P1 in I1 at 0x1f_f000 leaves no trace, whichever allocation fails

    Example: in one of two HWPTs
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 8 KiB as P1
      And the user attaches D1 to I1
      And a HWPT H2 of I1 for D1
      Then mapping 8 KiB of P1 in I1 at 0x1f_f000 leaves no trace, whichever allocation fails

  @rule:IFD-CORE-07 @kind:observed @profile:iommufd
  Rule: Unmapping says how many bytes went, and no device reaches pages that are used again

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "Returns: Number of bytes of IOVA unmapped"

    Example: as many as were mapped
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 12 KiB as P1
      And the user attaches D1 to I1
      And the user maps 8 KiB of P1 in I1 at 0x1_0000
      And the user maps 4 KiB of P1 + 0x2000 in I1 at 0x2_0000
      When the user unmaps 128 KiB at 0x1_0000 in I1
      Then length of the answer is 0x3000

    Example: no longer reached
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user attaches D1 to I1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And d1 reads 0x1_0000
      When the user unmaps 4 KiB at 0x1_0000 in I1
      Then d1 reading 0x1_0000 faults

    Example: pages that only the mapping holds
      Given an IOAS I1
      And the user binds d1 as D1
      And the user allocates 4 KiB as P1
      And the user attaches D1 to I1
      And the user maps 4 KiB of P1 in I1 at 0x1_0000
      And d1 reads 0x1_0000
      And the user frees P1
      When the user unmaps 4 KiB at 0x1_0000 in I1
      Then length of the answer is 0x1000

  @rule:IFD-CORE-08 @kind:observed @profile:iommufd
  Rule: What firmware wants mapped as it is is in the kernel's own domain of a device before its DMA begins

    Source: Linux, nicolinc/iommufd at 00db8ec674c1, drivers/iommu/iommu.c "the device requires IOMMU_RESV_DIRECT"
    Excluded: such a device is never the user's; only the real kernel has domains of its own
